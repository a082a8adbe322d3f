"""Words of the standard's own terms (pydicom 3.0.2), by tools/build_vocabulary.py."""

WORDS = """
aapm ab abdomen abdominal abdominis abdominopelvic abducens abduction abductor aberrated ability ablation abnormal
abnormalities abnormality abnormally aborigine abort abortion above abrupt abscess absence absent absolute absorbed
absorbing absorptiometry absorption abstract abuse ac acanthioparietal accel accelerated acceleration accentuated
acceptance accepted access accessed accessible accession accessories accessory accident accreditation accumbens
accumulated accuracy acd ace acepromazine acessorius acetabular acetabulum acetate acetic acetrizoate acetylaspartate
acetylaspartylglutamate achieved achilles acid acidified acinar acoustic acquired acquisition acquisitions acr acridine
acriflavine acromioclavicular acromion across acrylic acting actinic action actionable activation active actively
activity actual acuity acute ad adaptive adc add added addended addendum addition additional address adduction adductor
adeno adenocarcinoma adenohypophysis adenoid adenolipoma adenoma adenomyoepithelioma adenopathy adenosine adenosis
adiabatic adjacent adjudicator adjunct adjusted adjustment adjuvant administered administering administration
administrator admission admissions admitted admitting adolescent adrenal adrenergic adult adults advance advanced
adventitia adventitial adverse ae aerobic aetitle aevalue af afc affected afferent african after afterloader afz agar
agatston age agency agent agents aggregated agn ago agonist agreement ai aic aided aif ain air airflow airway ait
aitdevice akinesis ala alaeque alanine alarm alaska alax albers albert albumin alcian alcohol alcoholic aldehyde alert
alerts alexander alfentanil algorithm algorithmic algorithms alias aliased aligned alignment aline alines alive alizarin
alkali alkaline all allergic allergies allergy allocated allocation allow allowed alloy alloys almost along alpha
alphachloralose alphadelta alphadolone alphaxalone altered alternans alternate alternative altitude aluminium aluminum
alveolar ambient ambiguous ambu ambulatory amelanotic american aminoglycoside aminotransferase ammonia amniocentesis
amnioinfusion amnion amniotic amorphous amount amphetamine amplifier amplitude amputation amygdala amyloid an analgesic
analog analysis analytical analyzed analyzer anastomosis anastrozole anatomic anatomical anatomy anchor anchoring
anconeus and androgen anechoic anesthesia anesthesiology anesthetic aneurysm aneurysmal ang angina anginal angio
angiocardiography angiogram angiographic angiography angiolipoma angioma angiomatosis angioplasty angiosarcoma
angiotensin angle angles angular angulation anguli ani aniline animal animation anion anisotropy ankle annotation
annotations annular annulus anode anomalous anomaly antagonist antebrachii antecubital antegrade anterior anteriorly
antero anterolateral anteroseptal anthracene anthropomorphic anti antiarrhythmic antibiotic antibody antibradycardia
anticholinergic anticoagulant anticonvulsant antidiuretic antiemetic antifungal antigen antihelix antihemophilic
antihistamine antihypertensive antihypoglycemic antitachycardia antitragus antra anus anxiety any aorta aortic
aortography aortopulmonary ap apad apdimension aperture apex aphakic apical apnea apneic apocrine apparent appearing
appendage appendiceal appendicular appendix apple appliance applicability applicable application applications applicator
applied applies appointment apposition approach appropriate approval approved approver approving approximate aqueduct
aqueous ar arachnoid aramid arbitrary arbuckle arc arcelin arch architectural archive arcuate are area areas areola
aries arithmetic arm arousal arousals arrangements array arrest arrhythmia arrhythmic arrival arrive arrived arsenic
arterial arteries arteriography arteriolosclerosis arteriosclerosis arteriosclerotic arteriosum arteriosus arteriovenous
artery articular artifact artifactual artificial as ascan ascending ascitic ascorbate ascorbic ashman asian asl aslbolus
aslcontext aslcrusher asleep aslmid aslpulse aslslab asltechnique aspect aspen asphericity aspirate aspiration assembly
asserter assertion assess assessed assessment assigned assigning assignment assist assistant assisted assisting
associated assurance asthenia asthma astigmatism astringent astrocytoma asum asvalue asymmetric asymmetry asymptomatic
asynchronous asystole at ataxia atd atdability atdassessment atebrin atelectasis ath atherectomy atheroma atheromatous
atherosclerotic atlantal atlanto atlas atomic atopic atresia atrial atrioventricular atrium atrophy atropine atsm attach
attached attachment attempt attempted attending attenuation attribute attributes atvalue atypical audio audiology audit
auditory augment augmentation augmented aunt auramine auricular auricularis australian authentication author authority
authorization authorizing auto autocorrelation automated automatic automatically automation autonomic autonomous
autorefraction autosequence auxiliary av availability available avc average averaged averages averaging avf avg avl
avoidance avr awaiting awake awakening axes axial axilla axillaris axillary axis axt azaperone azimuthal azo azocarmine
azophloxin azorubin azure azurine azurol azygoesophageal azygos azygous back background backrest backscatter bacterial
bad baffle bag bailout balance balanced balke ball balloon band bandwidth barbiturate barcode barium barrett basal base
based baseline basic basilar basilic basis basket bat bath battery bauer baum bayesian bazett bb bd bdt be beaded beam
beams beamsplitter bearing beat beath beats beclere becquerel becquerels bedding beer before begin beginning behavior
being below belt bengal benign benralizumab benzo benzodiazepine berlin bernoulli bernthsen bertel beryllium bessel best
beta between bevacizumab bi bias bibliographic bic biceps bicisate bicycle bidirectional biebrich bifascicular
bifurcation big bigeminy bilateral bile biliary bilirubin billing bin binary binning bins biochemistry biohazardous
biomagnetic biomarker biomedical biomicroscope biopsy bioptome biosafety biparietal biplane bipolar biquad birefringence
birth bismark bismuth bisynchronous bit bite bitmap bits black blackett bladder blalock blank blanket bleach bleeding
blending bleomycin blinatumomab blind blink blinks block blockage blocked blocker blocking blocks blood bloody bloom
blue blunted blur bm bmatrix bn boak board boarding bode body bold boli bolting bolus boluses bone bones bony boothby
bootstrap border borderline borders borg bos both bottle bottom bouin bound boundaries boundary bounded bounding bovinae
bowtie box boxes boyd bpd bpda br brachial brachialis brachii brachiocephalic brachioradialis brachy brachytherapy
bradycardia brain brainmask brainstem branch branching brazilin brca break breakout breast breasts breathing breech
breed bregma brenner brentuximab brep breve brevis brewerton bridge bright brightfield brightness brilliant broad broden
bromide bromine bronchial bronchioloalveolar bronchiologram bronchodilator bronchogram bronchospasm bronchovascular
bronchus broselow brother brought brown bruce bruising bs bsa bscan bscans buccal buccinator bud buffered bulb bulbi
bulboventricular bulk bullet bunamiodyl bundle bupivacaine burman burned burning burns bursa burst bursts busyness but
butabarbital butanol butterfly butterworth buttock button butyrate bvalue bwp bx by bypass byte caballus cabg cachexia
cad cadfile caffeine cage cahoon calcaneal calcaneus calcification calcifications calcified calcium calculated
calculation calculations caldwell calendar calf calibrated calibration calibrator californium callback called callithrix
callosum caloric calyx cam camera camp campbell can canal cancel canceled cancellation cancer canine canis cannot
cannula canthus capabilities capability capacity capillary capitis capra capromab capsular capsule capture caput
carbamate carbapenem carbol carbon carbonate carcinogen carcinoma carcinosarcoma card cardia cardiac cardiogenic
cardiology cardiomegaly cardiomyopathy cardiophrenic cardiopulmonary cardiorespiratory cardiosphere cardiothoracic
cardiotonic cardiovascular cardioversion care carfentanil carina carlo carm carmine carminic carmoisine carnae carnoy
carotid carpi carpus carrier cartilage cartilaginous cartridge caruncle case cassette cast casting catch category cath
catheter catheterization catus caucasian caudad caudal caudate caudo cause causton cava caval cavernosum cavia cavity
cavum cb cba cc cca ccu cd cda cdadocument cecum celestine celiac cell cells celsius cemented center centered centerline
centerpoint centimeter central centralis centralizer centrally centre centrilobular centroid cephalad cephalic
cephalosporin cerebellar cerebellum cerebral cerebrospinal cerebrovascular certainty certificate certification certified
ceruloplasmin cervical cervicales cervicis cervico cervix cesium cessation cetuximab cfr cfx cg ch chair challenge
chamber chamberlain chamfer chang change changed changes channel channels chaos character characteristic characteristics
characters charcoal charge charging charmed chassard chausse chd chebyshev check checked checkerboard checks cheek
chemical chemotherapy chest chewing chi chiasm child children chills chin chip chitkara chitty chloracetate chloral
chloride chloriodized chloroacetate chloroform chlorpromazine cholesterol choline cholinergic chondroma chondrosarcoma
chordae chordal chords choriocapillaris choroid chosen chromate chromaticities chromaticity chrome chromic chromium
chromotrope chronic chronically chronotropic chrysoidine cic cid cielab ciexy cigarette ciliary cine cingulum circle
circuit circular circulating circulation circulatory circum circumference circumferential circumflex circumscribed
cirrhosis cirsoid cisterna citation cited citrate citric ckd clammy class classes classification classified claudication
clavicle clavicular clean clear clearance clearing cleavage cleaves clements clinic clinical clinician clip clipping
clitoris clock close closed closes closest closure clot clothing cloud clr cluster clustered cm cmab co coaching
coagulant coagulation coalescent coarctation coarse coarseness coating cob cobalt cobb cocaine coccygeal coccygeus
coccyx cochlearis cockett cockroft code coded codes coding coefficient coefficients coeliacus coercion coherence coil
coiling coin coincidence colcher cold colic colin collapse collar collated collateral collation collection colli
collimation collimator collision collocation colloid colloidal colon colonic colonography color colorectal colostomy
column columns combination combined comedocarcinoma command commanded comment comments commercial commissioning
commissure commitment committee common communicating communication communications communis community compact compactness
comparative comparison comparisons compartment compatible compensation compensator compensators complaint complete
completed completely completion complex complexes complexion complexity complicated complication complications component
composed composing composite compositing composition compositor compound comprehensive compressed compression
computation computed computer computerized concatenation concave concentration concentric concept conception conceptual
concern concha conclusion conclusions condenser condition conditionality conditions conductance conducted conduction
conduit cone conepresent conference confidentiality configuration configured confirmation confirmed confluence confocal
conformal conformality conformation conformity congenital congestion congestive congo conjunctiva connected connection
connective connector consciousness consent conservation considered consistency consistent constant constants constituent
constrained constraint constricted constrictive construction consult consultant consultation consulting consumable
consumption contact contained container containing content context contiguous continuation continue continuing
continuity continuous contour contouring contours contra contraceptives contracta contractility contraction
contraindicated contraindications contralateral contrast contributing contribution control controlled controller
conventional convergent conversion converted convex convolution convulsions cool cooper cooperative coordinate
coordinated coordinates coordinating copied copies coplanar copper copy cor coracobrachialis coracoid cord cordis
cordocentesis core coriphosphine corn cornea corneal corner corona coronal coronary corporeal corpus correct corrected
correction correlates correlation corresponding cortex corticobulbar corticospinal costal costarum costocervical
costochondral cough coughed couinaud count counter country counts coupled couplet coupling course cousin coventry cover
coverage cp cpap cpz cr cradle cramp cranial craniales cranio craniofacial cranium crease created creatine creatinine
creation creator crescent crest cresyl cribriform cricothyroideus criteria critical crl crocein crop cropping cross
crossed crosshair crossing crosstable crown crt crus crusher cryoablation cryotherapy crystal crystalline cs csf css
cssfont csvalue ct ctacquisition ctadditional ctcharacteristics ctdi ctdifreeair ctdiphantom ctdivol ctexposure
ctgeometry ctimage ctimaging ctpath ctposition ctprocessing ctreconstruction cttable ctv ctxray cu cube cubic cubital
cuff culprit cumulative cuniculus cup curative curcumin curettage curled current currently cursor curvature curve curved
cushion cusp custodial custom cut cutaneous cutaneus cutoff cutter cutting cx cyanine cyanocobalamin cyanol cyanosis
cycle cyclopentolate cylinder cylindroid cyst cystadenocarcinoma cystatin cystic cytokine cytologic cytology cytotoxic
cz da dac dacamplitude dacgain dacquisition dacsequence dactime dactype damage damping damus danelius dark darkfield
dashing data date dates datetime datum daughter davalue day daya days db dca dce dcfbc dcis dcoordinates dct dctlabel
ddegree ddl ddlvalue de dead death debility decay deceased deceleration decibel deciduous decimal decimate decimeter
decision decomposition decongestant deconvolution decorrelation decoupled decoupling decrease decreased decubitus deep
default defect defects deferens defibrillation defibrillator defined definite definition definity deflate deflated
deflection deformable deformation deformed deformity degeneration degree degrees dehydration deidentification delay
delayed deleted deletion delimitation delimiter delimiters delineated delivered delivery delphian delta deltoid
deltoideus demand demarcated demographics denominator dense densities densitometric densitometry density dental
deoxygenation deoxynucleotidyl departed department dependence dependent deployed deployment depolarizing deprecated
depreotide depression depressor deprivation depth depths derivation derivative derived dermatitis dermatology
dermoscopic dermoscopy desaturation descending descent description descriptions descriptor descriptors desflurane design
designator desmoid dest destination destruction detach detachable detached detail detailed details detected detection
detector detectors determined deterministic deuterium deviation device devices dexa dexamethasone dextran dextrocardia
df dfpm dfpt dframe dgn dhs diabetes diabetic diagnoses diagnosis diagnostic diagonal dialog diameter diamond
diaphanography diaphoretic diaphragm diaphragma diaphragmatic diaphragmatis diastasis diastole diastolic diatrizoate
diazepam dibromofluorescein dichloride dichroic dichromate dicom dicomaetitle dicomapplicationcluster
dicomassociationacceptor dicomassociationinitiator dicomauthorizednodecertificatereference dicomconfigurationroot
dicomdescription dicomdevice dicomdevicename dicomdeviceserialnumber dicomdevicesroot dicomhostname dicominstalled
dicominstitutionaddress dicominstitutiondepartmentname dicominstitutionname dicomissuerofpatientid dicommanufacturer
dicommanufacturermodelname dicommedia dicomnetworkae dicomnetworkconnection dicomnetworkconnectionreference dicomobjects
dicomoutput dicomport dicompreferredcalledaetitle dicompreferredcallingaetitle dicomprimarydevicetype
dicomrelateddevicereference dicomretrieval dicomsoftwareversion dicomsopclass dicomstationname dicomstorage
dicomsupportedcharacterset dicomthisnodecertificatereference dicomtlscyphersuite dicomtransfercapability
dicomtransferrole dicomtransfersyntax dicomuniqueaetitle dicomuniqueaetitlesregistryroot dicomvendordata dicos
dicosversion did died diencephalon dies diet dietary diethlyamide diethyl diethylenetriamine difference different
differential differentiated differentiation difficult difficulty diffuse diffusely diffusion diffusivity digastricus
digestion digit digital digitales digiti digitized digitizer digitizing digitorum digits digoxin dihydrotetrabenazine
dilatation dilated dilation diluent dilution dimeglumine dimension dimensional dimensionality dimensions dimplant din
diode diopters dioxide diphenhydramine diprotrizoate dipyridamole direct directed direction directional directionality
directions directive directly directory disabled disagreement disapproval disapproved disc discarded discharge
discharged discharges discoid discoloration discomfort disconnected discontinuation discontinued discordance disease
disintegration disk disks disodium disofenin disorder disorders disoriented dispersion displaced displacement display
displayed disposed disposition disproportion dissecting dissection disseminated dissimilarity dissociation distal
distance distances distilled distinctly distorted distortion distraction distributed distribution disturbance diuretic
divergence diverticulum divide division dizziness dki dline dlp dlpnotification dmating dmodel dn dobutamine doctor
document documented documenting documents dodd dodge does doesn domain dominance dominant door dop dopa doppler dorsal
dorsales dorsalis dorsi dorsoplantar dorsum dosage dose doses dosimeter dosimetric dosimetrist dosimetry dot dotatate
doubilet double doublet dower down downgaze downsloping dp dpa dplane dpoint dposition draped dreconstruction drendering
drive drop droperidol drops drowsy drug dry ds dsi dsvalue dt dti dtvalue dual dublin duct ductal ductogram ductus due
duke dunlap duodenum duplicate dura duration durations durazol during dvd dvh dvhdata dvhdose dvhmaximum dvhmean
dvhminimum dvhnormalization dvhnumber dvhreferenced dvhroicontribution dvhsequence dvhtype dvhvolume dwi dxx dxy dxz dye
dyn dynamic dynamics dyscrasia dysfunction dyskinesis dysplasia dyspnea dyssynchrony dystrophic dyy dyz dzz ear earliest
early easi eastern eccentric eccentricity ecg echo echocardiography echogenic echogenicity echotexture echovist echt
eclampsia ecromeximab ecst ect ectasia ectatic ectopic eczema ed edd eddy edema edge edited editing edotreotide edta
educational eeg eem effect effective effectiveness effects efferent effort effusion efw eggshell eighth ejection el ela
elapsed elastic elasticity elastography elb elbow elective electric electrical electrocardiography electrode electrodes
electroencephalogram electroencephalography electrogram electromechanical electromyogram electromyography electron
electrooculogram electrooculography electrophysiology electroporation electroretinogram element elemental elements
elevated elevation eleventh eligibility eligible ell ellestad ellipse ellipsoid elliptic elm elongation elsewhere email
embolism embolization embolus embryonic emergency emergent emg emission emitter emitting emmetropia emmetropic emphasis
empirical empted empty emulation en enabling encapsulated encapsulation encephalomyelitis enclosing encode encoded
encoding encrypted end ended endian ending endo endocardial endocarditis endocavitary endocrine endocrinology endoleak
endometrial endometrium endorectal endoscope endoscopic endoscopy endothelial endothelium endotracheal endovaginal
endplate energy enflurane engineering enhanced enhancement enhancing enlarged enrollment enteral entered enterer entire
entirely entity entorhinal entrance entrapment entries entropy entry envelope environment environmental eog eosin
ephedrine epi epicardial epicardium epidermal epididymis epidural epifluorescence epigastric epileptic epileptiform
epileptogenic epinephrine epiploic episode epithelial epithelium epitrochlear eponymous epoxy epss equal equation
equidistant equipment equivalent equivocal equus er era erase erased eraso erb erect erector ergometer erie eriksen
eriochrome erl eroded error erythema erythematosus erythrosin es escape esophageal esophagus esterase estimate estimated
estimates estimation estrogen esur et ethanol ether ethics ethidium ethmoid ethnic ethyl etidronate etomidate euler
europium evaluated evaluation evaluator evans event evidence ewing exact exaggerated exametazime examination examined
examiner examining exceeds excellent excess excessive exchange excision excitation excluded excluding exclusion
exclusive excursion execution exercise exertional exif exifversion existence exit exm expanded expander expanding
expansion expected experimental expert expertise expiration expired expiry explanation explantation explicit exponent
exponential export exposed exposure exposures expression extended extensible extension extensor extent extents external
externus extra extracardiac extracorporeal extracted extracting extraction extraluminal extraocular extrapulmonary
extrasystole extravasation extremely extremities extremity eye eyeball eyebrow eyelash eyelid eyes fa fabrication face
faceplate facet facial faciales facialis facility fact factor factors failed failure failures fall fallopian fallot
fallypride false familial familiaris family fan fascia fasciae fascial fascicular fasciculation fasciculus fast fasting
fastpac fat fatal father fatigue fatty faults fc fca fcf fcpa fcpv fcv fcz fd fdg fdvalue fe feature features febrile
feces feed feeding feet felis fellow female femoral femoralis femoris femur fenestration ferguson ferromagnetic ferrous
fetal fetlock fetocide fetus fetuses feulgen fever ff ffd fiber fiberoptic fibers fibrate fibril fibrillation fibrils
fibrinogen fibrinoid fibrinolysin fibro fibroadenolipoma fibroadenoma fibroadenomatoid fibrocalcific fibrocystic
fibroelastosis fibroglandular fibromatosis fibromuscular fibronodular fibrosarcoma fibrosis fibrous fibula fibular
fibularis fidelity fiducial fiducials field fifth fil file filename fill filled filler filling fills film films filter
filtered filtering filters filtration final find finding findings fine finger finite fio fir firing firm first fish fisk
fissure fistula fit fitted fitting fitzpatrick five fixated fixation fixed fk fl flag flagellar flags flail flank flash
flat flatness flattening flb fleisch fleischner flexion flexor flexure flight flip flirt float floating flocculent floor
florbetaben florbetapir flortaucipir flow fluanisone flubatine fluciclatide fluciclovine fluctuation fluence fluffy
fluid flumazenil fluorescein fluorescence fluorescent fluorethyltyrosin fluorexon fluoride fluorine fluoro
fluorobenzothiazole fluorocholine fluorodeoxyglucose fluoroestradiol fluoroetanidazole fluoromethane fluoromisonidazole
fluoropropyl fluoroscopy fluorotriopride fluorouracil flurpiridaz flush flushing flutemetamol flutter flvalue fnumber
focal focus focused foi fold folder folio follow followed following font fontan fontanel food foot for foramen force
forced forceps forearm forefoot foreground forehead foreign forelimb forensic formaldehyde formalin format formats
formatted former formol formula fornix fossa fouchet four fourier fourth fov fovea foveal fovgeometry fp fplp fpz
fractal fraction fractional fractionation fractions fracture fragmentable frame framek frames framing framingham frank
fredericia free freedom freehand freezing french frenulum freq frequency frequent fresolimumab fridericia friedman
friend frog from front frontal frontalis fronto frozen fs ft fta fuchs fuchsin full function functional functions fundus
funiculus furo further fused fusiform fusion fuzzy fwp fz ga gadobenate gadobutrol gadodiamide gadofosveset gadolinium
gadopentetate gadoterate gadoteridol gadoversetamide gadoxetate gain gait galactocele galactosyl gallbladder gallium
gallocyanine galvanic gamma ganglion ganong gantry ganz gap garnet garth gas gasping gastric gastro gastrocnemius
gastroduodenal gastrointestinal gate gated gatei gating gauge gault gaussian gavage gaynor gaze gbc gcl gctt gd ge geary
gel gene general generalized generation generationmode generationmodes generator generic genetic genicular geniculate
genioglossus genital genitalia genitourinary genome genu genus geographic geometric geometrical geometry george
geriatric germanium gestational get gfr gg ghost giacomini giant giemsa gieson gingiva girdle given gland glands
glandular glans glare glass glaucoma glcm glembatumumab glenn glenoid glioblastoma global globulin globus glomerular
glossokinetic glossopharingeus glossopharyngeal glottis gls glucagon glucoheptonate glucuronidase glue gluing glutamate
glutamine gluteal gluteus glycogen glycolysis gmellus gold goldstein gonad goniolens good gorlin gps gpsaltitude gpsarea
gpsdate gpsdest gpsdifferential gpsdop gpsimg gpslatitude gpslongitude gpsmap gpsmeasure gpsprocessing gpssatellites
gpsspeed gpsstatus gpstime gpstrack gpsversion gq gqb gqn gracilis grade graded gradient graft gram grand grandy
granular granuloma graphic graphics grashey graticule gravity gray grayscale great greater green grey grid grip grips
groin groove gross ground group grouped groups growth grunwald gs gtv guidance guide guided guideline guidewire guiding
gums gutter gv gvn gx gy gyn gynecologic gynecological gynecology gynecomastia haas habenular habitual habitus hadlock
hafnium haigis hair hairs half hallucis halo halogen halothane hamartoma hand handgrip handling hanging hansel hansmann
hard hardcopy hardening hardi hardware harper harris hart harvesting has haustra have hawaiian hc hcat hcl head headache
headfirst headframe headrest healthcare healthy healy heart heat heated heater heating heel height held helical helium
helix hellman helly hemangioma hemangiopericytoma hematein hematocrit hematology hematoma hematopoietic hematoxylin hemi
hemifacial hemifield hemisphere hemispheric hemispherical hemodynamic hemodynamics hemoglobin hemolymph hemoptysis
hemorrhage hemostasis hemostatic henschen heparin hepatic hepatitis hepatobiliary hepatomegaly hermaphrodite herniated
heroin hertz heterogeneity heterogeneous heterogeneously hevc hfl hiatus hickey hierarchical high higher highest highly
hilar hill hilum hindfoot hindlimb hip hippocampus hircus hirtz his hispanic histiocytoma histogram histology
histopathology historical history hiv hl hoc hodges hodgkin hoffer hoffman hohler hold holder holders holding holladay
holly holmblad holmium holter homatropine home homo homogeneity homogeneous honeycomb horizontal hormone horn hot hough
hounsfield hour hours housing hpgl hpglcontour hpgldocument hpglpen hr hrf hsieh ht htcm htj huffman hughston hull human
humerus humidity humor hunterian hydrate hydrochloride hydrocholoride hydrocortisone hydroxide hydroxyapatite
hydroxydopamine hyoid hyper hypercholesterolemia hyperechoic hyperemic hyperintense hyperintensity hyperkinesis
hyperkinetic hyperopia hyperplasia hypersensitivity hypertension hypertensive hypertrophic hyperventilation hypo
hypochondriac hypoechoic hypogastric hypoglossal hypoglossus hypoglycemic hypointense hypointensity hypokinesis
hypopharynx hypoplasia hypoplastic hypotension hypotensive hypothenar hysterectomy hz iabp iauc iaucbn ica icbm icc
iccprofile icd icon icrp ict id idassigning idbeing ideal identical identification identifier identifying identity
idioventricular idissuer idm idqualifiers ids idsequence idtrial idtype iec if igloo ignored ii iia iib iii iiia iiib
iiic iir ilcr ileal ileocecal ileocolic ileostomy ileum iliac ilio iliocostalis iliohypogastricus iliopsoas ilium ill
illegible illumination illuminator illustration ilm image imaged imager images imagify imaging img iminodiacetate
immediately immersion immobile immunocompromised immunofluorescent immunohistochemistry immunology immunomodulator
impaired impedance implant implantable implantation implants implementation implicit import imported importer impression
impressions improvement in inactive inadequate inappropriate inbound incident incisional incisor incisure include
included includes including inclusion incompetence incomplete inconsistent incoordination incorporated incorrect
incorrectly increase increased increment independent indeterminate index indexed india indian indication indications
indicator indices indicis indifferent indigo indirect indistinct indium individual individually indocyanine indophenol
induced inductance induction induration ineligible infant infarction infection infectious inferior inferioris
inferolateral inferomedial inferoseptal infertility infiltrate infiltrating infiltration infinity inflammation
inflammatory inflated inflation inflow info informant information informed infra infraalar infraclavicular inframammary
infraorbitalis infrared infraspinatus infrequent infusate infusion ingredient inguinal inguinalis inhalation inhibitor
inhomogeneous initial initiation initiative initiator inject injection injector ink inl inlay inlet inline inm inms
inner innermost innominate inositol inotropic inppm input insert inserted insertion insertional inside insoluble
inspection inspiration installation installed instance instances instantaneous institution institutional institutionally
instruction instrument instrumental insufficiency insufficient insula insulin insurance intact integral integrated
integration intelligence intended intensifier intensity intensive intent inter interaction interatrial intercept
intercostal intercostales interdigitating interest interface interference interfering interferometric interferometry
interferon interiliac interlaced interlobar interlobular interlock intermediate intermedius intermittent intern internal
international internus interoperability interossei interpectoral interpolated interpolation interpolator interpretation
interpreted interpreter interpsinales interquartile interrupted intersection interspinales interstitial intertragal
interval intervals intervention interventional interventricular intervertebral intestinal intestine intima intimal into
intra intracardiac intracoronary intracorpus intracranial intracutaneous intracystic intraductal intraepithelial
intraglandular intrahepatic intralobular intraluminal intramammary intramedullary intramural intramuscular intraocular
intraoperative intraparotid intraperitoneal intrapulmonary intrathecal intratumor intrauterine intravascular intravenous
intraventricular introitus intubation inu invasion invasive inventoried inventory inverse inversion inverted
investigational involution involvement inward iod iodamide iodide iodinated iodine iodipamide iodixanol iodized
iodoalphionic iodobenzylguanidine iodocholesterol iodohippurate iodomethamate iodophenyl iodophthalein iodopyracet
iofetamine ioflupane iohexol iol iolformula iolmanufacturer iolpower ion ionic iopamidol iopanoic iophendylate
iophenoxic iopromide iothalamate ioversol ioxaglate ioxilan ipl ipodate ipsilateral iridium irig iris iron irradiated
irradiating irradiation irregular irregularities irreversible irrigation irritation is ischemia ischemic ischiadicus
ischium isherwood islander iso isocenter isocentric isodense isodose isoechoic isoelectric isoflurane isointense
isolated isolation isorhythmic isospeed isotope isovelocity isovolumic issue issuer isthmus isvalue italic itching item
items iterations iterative itinerary itis itr itv iugr iv ivim ivus ivusacquisition ivusgated ivuspullback ix iz jacchus
james janma janus jaundice jaundiced jaw jawline jeanty jejunostomy jejunum jenner jet jewelry job joint joslin jpeg
jpip judd judet jugular junction junctional jurisdiction justification juvenile juxtaintestinal juxtaposed kandel
kasabach kaye keep kemp kenacid kennedy kep keratoconus keratolytic keratometer keratometric keratometry keratoscope
keratosis kerley kerma kernel ketamine kevlar key keyword keywords kg kidney kilovolt kinetic kite km kn knee kneeling
knob known kovacs kpa krypton kscore kspace ktrans kuchendorf kurtosis kurtz kurzbauer kutta kv kvimaging kvp kvplower
kvpselection kvpupper kvused la lab label labeled labeling labels labia labii labium laboratory lacmoid lacrimal lactam
lactate lactated lactating lactation lactational lacunar lad laden lagrangian lambda lamina laminated lamp landmark
language lao lapine laquerriere large largest laringis laryngeal larynx lasek laser lasik last latae late lateral
laterale lateralis laterality laterally laterals latero latissimus latitude latitudeyyy latitudezzz lauenstein launcher
law lawrence layer layout lbbb lbw ldl lead leading leads leaf leaflet leak leakage lean learning least leaves left
leftmost leg legacy legs leiomyoma leiomyosarcoma leishman lemniscus length lengths lens lenses lensometry lenticular
leonard lesion less lesser lessoway leucofuchsin leucopus leukemia leukemic levator levatores level levenberg levine
levovist lewis libitum license lid lidocaine lidofenin life ligament ligamentum light likar like likely lilienfeld limb
limbic limbus limit limited limiting limits linac linacenergy linacoutput lincomycin lindblom line linear linearity
liner lines linezolid linguae lingual lip lipid lipidic lipoma lipopolysaccharide liposarcoma liquid lissamine list
lithotomy litigation little liver ll lma lmp lms ln lo lobar lobe lobular lobulated lobulations lobule local
localization localized localizer localizing locally located location locations locator lock log loge logging login
logout long longissimus longitude longitudinal longum longus longuss look lookat lookup loop lopsided lordotic lorenz
loss losses lossless lossy lost lot lovalue low lower lowest lown lpba lph lpv ls lsdi lt ltvalue lubricant lucency
lucent lumbales lumbalis lumbar lumbo lumborum lumbosacralis lumbricales lumen luminal luminance lump lumpectomy
lunbricales lung lungs lupus lut lutcontent lutdata lutdescriptor luten lutetium lutexplanation lutflag lutframe
lutfunction lutlabel lutnumber lutsequence lutshape luttransfer luttype lutz luxol lv lvc lvot lvs lwh lympathic lymph
lymphadenopathy lymphatic lymphoid lymphoma lysergic lysholm lysophosphatidylcholine ma mac macalgorithm maccalculation
machine macidnumber macparameters macrocalcifications macrolide macsequence macula macular mag magna magnesium magnet
magnetic magnetization magnification magnify magnitude magnum magnus main maintenance major majorum majus make maker
malabsorption malachite male malformation malformations malignancy malignant malleolar mallory mammary mammo mammogram
mammograms mammographic mammography mammoplasty management mandatory mandible mandibular mandibularis maneuver
mangafodipir manganese maniculatus manifest manifold manipulated manipulation manometer manual manubrium manufacture
manufactured manufacturer manufacturing map mapped mapping maps marfan margetuximab margin marginal margins marijuana
mark markedly marker markers marquardt marrow martius mas mash mask masking mason mass massage masseter mastectomy
masticatores mastoid mastopathy match matches matching mater material materials maternal mating matrix matter maused max
maxilla maxillaris maxillary maximal maximum maximus may mayden mayer mayo mc mcfee mdrd mean meaning measure measured
measurement measurements measures measuring meatus mebrofenin mechanical mechanism mechanisms medi media medial mediale
medialis medially median mediani medianus mediastinal mediastinum medical medication medications medicine medio medium
medius medronate medullary meet meets megabecquerel megaelectronvolt megavolt meglumine melanin melanoma meldola
mellitus member members membrane membranous membri memory mems men meninges meniscus menopausal menopause menstrual
menstruation mental mentalis mercaptoacetyl mercer merchant mercuric mercury meridional merkel mertz merz mescaline
mesenteric mesentery mesh mesocardia mesopic mesothelioma mesothelium mespiperone message met meta metabolic metabolite
metacarpal metacarpus metadata metal metals metanil metaplasia metastases metastasis metastatic metatarsus meter
metering meterset metersets methadone methanol methionine methlyphenidate method methods methohexital methoxyflurane
methyl methylene methylpentadecanoic methylprednisolone methyltryptophan metomidate metric metrizamide metrizoate
metronidazole meyer mg mgi mgy mi mibg michel micro microaggregated microarray microbiology microbubbles
microcalcifications microcysts microdissection microdosimetric microglandular microlobulated micrometer micromole
micronodule microscope microscopic microscopy microspheres microwave mid midazolam midbrain midcolic middle midlayer
midline midlung midventricular migration mild mildly miliary military milk miller millicurie milligrams milliliter
millimeter millimoles milling millisecond millitesla mime mimetype mimetypes min mineral minimal minimi minimize minimum
minimus minor minora minus minute mird mirdose mirroring missing misuse mitral mixed mk ml mlc mlo mm mmhg mobile mobitz
mod modalities modality mode model modeling models moderate moderately modes modifiable modification modifications
modified modifier modifiers modifying modulated modulation modulator modulators mogamulizumab molar mold mole molecular
molybdenum moment mondor monitor monitored monitoring mono monoblock monochrome monoclonal monoenergetic monomorphic
monopole monoxide montage monte month months moore moran more morgue morphine morphological morphologically mortice
mosaic mosfet most mother motion motor motorized mottled mount mounting mouse mouth move moveable movement movements mp
mpeg mph mpps mpr mprslab mprthickness mprtop mprview mr mracquisition mrarterial mraverages mrdiffusion mrdr
mrdrdirectory mrecho mrfovgeometry mri mrimage mrimaging mrmetabolite mrmodifier mrreceive mrs mrsequence mrspatial
mrspectroscopy mrtiming mrtransmit mrvelocity ms mtl mu mucicarmine mucinous mucocutaneous mucosa muller multi
multienergy multifidii multifocal multiparametric multiplanar multiple multiplet multiplex multiplexed multiplication
multiplicity multiplier multispectral multiview mural murine murmur mus muscle muscles muscular musculi musculocutaneus
musculoskeletal musculus musculustriceps mustard mustela mv mvimaging mvradiation mx mycotic mydriatic myelin myeloma
myeloperoxidase mylohyoideus myocardial myocarditis myocardium myoclonic myoclonus myofibroblastoma myogenic myokymia
myokymic myopia myotonic na nadir nafl nafld nail nailing nakayama name names namespace nanocolloidal naphthalene
naphthol narcotic narrative narrow narrowing nasal nascet nash nasi nasion nasolabial nasopharyngeal nasopharynx native
natural naughton nausea navicular navigation nd near nearline neck necrosis necrotic needle needs neelsen neer neg
negative negatives nehb neighborhood nelson nema neo neoaortic neointima neointimal neonatal neoplasia neoplasm
nephrology nerve nervi nervous nervus network neuroectodermal neuroendocrine neurofibroma neurofibromatosis
neurohypophysis neuroimaging neurology neuromuscular neurophysiology neuroradiology neurosurgery neurovascular neutered
neutral neutrophil new next ngldm ngtdm nickel nifedipine nifene night nigra nigrosine nih nil nile nimrod ninth niobium
nipple nitrate nitrazine nitrogen nitroglycerin nitrous nm nmb no nodal node nodes nodular nodule noise nolke nomarski
nomenclature nominal non nonalcoholic nonaugmented noncardiac noncerebral nonconforming noncontact none nonidentifying
nonparoxysmal nonspecific nonsustained nonuniformity norgaard normal normality normalization normalized normals
normative north norvegicus norwood nos nose not notch note notes notification nottingham npo ns nsaid nth ntp ntpsource
nuchal nuclear nucleus nulling nulliparous number numbering numbers numerator numeric numerical nurbs nurse nursing
nutrition nyberg nyha nystagmoid nz ob obesity obinituzimab obj object objective objectives objects oblique obliquus
obscured observation observations observer obstetric obstetrical obstetrics obstructed obstruction obstructive obtained
obturator obturatorius obvalue ocaratuzumab occipital occipitofrontalis occlusal occlusion occult occupancy occupation
occupational occurred occurrence oct octacquisition octbscan octfocal octframe octoptical octzoffset ocular oculi
oculomotor oculomotorius od odvalue oecf oecfcolumn oecfcolumns oecfrows oecfvalues of ofd off offending office offline
offset offsets ofvalue oh oi oil oils oiq ol old oled oleic olfactory oligemia olinda olsen olvalue omental omentum
omission omitted on oncologic oncology one online only onset ontology oo ood ooi ooiowner ooisize ooitype oozing
opacities opacity opaque open opening openings opens operating operation operational operations operative operator
operators ophtalmicus ophthalmic ophthalmology ophthalmoscope ophthalmoscopy opiate opl opponens opt optattributes optic
optical opticus optima optimization optimized option optional options optison optometry optotype or oral orange
orbicularis orbit orbital orbitalis orbitoparietal orcein order ordered ordering organ organization organizational
organized orientation oriented orifice origin original originality originating originator oris oropharyngeal oropharynx
orthogonal orthopedic oryctolagus os osaka osborne osem osld osmium osmosis osseous ossification osteosarcoma ostium
other otorhinolaryngology ottonello out outer outflow outlets outline outpatient output outside outward ov oval ovale
ovalis ovarian ovary over overall overdose overflow overlap overlaps overlay overlays overridden override oversampling
overview ovis ovoid ovulation ovvalue ow owner owvalue oxide oxidronate oximetry oxygen oxygenation oxyquinoline
oxytocic oz pa pacd pace paced pacemaker pacer pacific pacing package pad padded padding paddle page paget pain painful
paintings pair pairs palatal palate palatine palatoglossal pale palette palladium palliative pallidus pallor palm palmar
palmares palmaris palmitate palpated palpation palpitations pamphlet pan pancreas pancreatic pancreaticoduodenal
pancreaticosplenic pancuronium panitumumab panoramic pap papaverine paper papillary papilloma papillomas papillomatosis
papyrus para paracervical paraesophageal paraffin paraformaldehyde parallel parallelepiped paralysis paralytic
paramammary parameter parameters parametrial parametric paranasal paraproteinemia pararectal parasagittal paraspinal
parasternal parasystole parathyroid paratracheal paravaginal paravesicular parenchyma parenchymal parent parenteral
paresthesia parietal parieto parietoacanthial parkinson parotid paroxsysmal paroxysmal pars part partial partially
participant participation particle particles particulate parungao pas pass passive pastern patella patellar patency
patent paternal path pathologic pathology paths pathway patient patients pattern pause pawlow pci pcm pd pdf peak
pearson peau pectineus pectoral pectoralis pectoris pediatric pedicle pedis peduncle pedunculated peeling peer peg
pegdinetanib pellet pellucidum pelvic pelvis pen pendetide penetration penicillin penis penner pentetate pentetreotide
pentobarbital pepper per percent percentage percentile percutaneous perfluorocarbon perforating perforator perforators
performance performed performer performers performing perfusion peri pericardial pericardiophrenic pericarditis
pericardium perigastric perilesional perimeter perimetry perineum period periodic perioral peripancreatic peripapillary
peripheral peritioneum peritoneal permanent permethrin peromyscus peroneal peroneus peroxidase perpendicular persistence
persistent person personal personnel perspective pertechnetate pertinent pet petdetector petframe petposition
petreconstruction pettable pg ph phakic phalanx phantom pharmacologic pharmacological pharyngeal pharyngotympanic
pharynx phase phased phases phencyclidine phentolamine phenylephrine philtrum phlebosclerosis phloxin phonation phone
phonocardiogram phonocardiographic phosphatase phosphate phosphor phosphorus phosphotungstic photo photoacoustic
photodriving photodynamic photogrammetric photographic photography photometric photomicrography photomyogenic photon
photoparadoxysmal photopic photoreceptors phototimer phrenic phrenicus phyllodes physical physician physicians physicist
physics physiological physiotherapy phytate pi pia picric pieces pierquin piezocomposite piflufolastat piggyback
pigmentation pin pinatuzumab pine pineal pinhole pink pinna pinning pipe pipeline pirie piriformis pisa pitch pittsburgh
pituitary pixel pixelated pixels pk placed placement placenta placer placing plain plan planar plane planes planimetry
planned planning plantae plantar plantares plantaris plantodorsal plaque plasma plasmacytoma plastic plate plateau
platinum platysma plax playback pleomorphic pleonemia pleura pleural plexus plus pm pn pneumomediastinum pneumothorax
pnvalue pnx po pod point pointer pointers pointes points polar polarimeter polarity polarization polarizing polatuzumab
policy pollicis polygon polygonal polymer polymorphic polyp polyurethane polyvinylpyrrolidone pon ponceau pontamine pool
poor poorly popcorn popliteal popliteus population porcellus port portable portacath portal portion portosystemic
position positioner positioning positions positive positives positron possible possibly post postauricular postaxial
postductal posterior postero posterolateral posteromedial postoperative postprocedure postprocessing postsurgical
posttreatment postvesicular potassium potential potentially povidone power powerline poz pp ppm pq pqc pr practitioner
prcs prcsto pre preamplifier preauricular preaxial prececal precedence precision precordial predecessor predicted
prediction predictor prednisone preductal prefemoral preference preferred preformed pregnancy pregnant prelaryngeal
preliminary prem premature premolar preoperative preparation prepericardial prepped prepuce presaturation prescribed
prescription presence present presentation presented presenting preserve preserved pressed pressure presymphysial
pretracheal pretreatment prevascular prevented preventive prevertebral prevesicular previous previously prilocaine
primary prime primitive primitives print printer printing prior priority priors prism private prk probabilistic
probability probe problem procedural procedure process processed processing procion product production professional
profile profunda profundus profusion progesterone program programmed progress progression progressive projection
projections prokinetic prolapse proliferation proliferative prominence promontory prompts pronation pronator prone prong
pronounced propagation proper properly properties property prophylactic propofol proportional proposed propranolol
proprii propyliodone prospective prostaglandin prostate prostatectomy prostatic prostatitis prosthesis prosthetic
protamine protargol protease protection protocol protocols proton proven provider proximal proximity prussian psax
pseudo pseudoaneurysm pseudoangiomatous pseudohermaphrodite pseudophakia pseudoplaque pseudotumor psma psoriasis
psychiatry psychology pt ptca pten pterygoideus ptis pto ptolocation ptoregion ptorepresentation ptosequence ptsm ptv
ptx pub pubchem pubis publication puborectalis pudendus pull pullback pulm pulmonary pulmonic pulmonology pulsatility
pulsation pulse pulsed pulser pulses pump punctate pupil pupillary pupillograph purified purkinje purple purpose push
putamen putorius pvc pvcrejection pvcs pvdf px pyloric pyramid pyramidal pyridoxyl pyriform pyronin pyronine
pyrophosphate pz qa qaresults qc qcimage qon qr qrmeasurements qrs qs qt qtc qtu quadrant quadrantectomy quadratic
quadrature quadratus quadriceps quadrupole qualification qualifier qualifiers quality quantified quantify
quantitification quantity quartile quasiperiodic query queue quinacrine quinidine quinolone ra race racemose racial
raclopride rad radelement radial radialis radian radiata radiation radical radices radio radioactive radiobiological
radiofluoroscopic radiofluoroscopy radiofrequency radiographic radiography radioisotope radiologic radiological
radiology radiolucent radiomics radionuclide radiopaque radiopharmaceutical radiotherapy radium radius radon rads rafert
raised raloxifene ramp ramus randoms range ranging ranibizumab rank ranking rano rao rapid rash rastelli raster rate
rating ratio rational rationale rattus raw ray raynaud rb rca rcs rcsorientation rct rd re reach reaction read readable
reader readiness reading ready real realignment rear reason reasons rebreathing recall receive receiver receiving recent
receptor recess recipients reciprocating recist recognition recognizable recommendation recommendations recommended
reconstruct reconstruction record recorded recorder recording records recovery rectal rectangle rectangular
rectification rectifier rectilinear rectum rectus recumbent recurrence recurrent recut red redistribution reduction
reentrant ref reference referenced references referring reflectance reflected reflection reflector reformatting
refraction refractive refractory refused reg region regional regions registered registrar registration registry regular
regularity regulatory regurgitant regurgitation rehabilitation reid reimbursement reinjection rejected rejection related
relational relationship relative relaxant relaxation relaxivity relevant reliability religious rem remaining
remifentanil remission remodeling remote removal removed rempen renal render rendered rendering renders rendition
reordered reordering repaint repair repeat repetition repetitive replaced replacement repolarization report reported
reporting reports repositioned repository representation representative reprojection request requested requester
requesting required requirement requirements requires resampling rescale rescheduled rescheduling research reserve
residence resident residual resin resistance resistivity resistors resolution resolved resonance resonant resource
resources respiration respiratory responded response responsible rest restenotic resting restless restoration restraint
restricted restrictive result resulting results resume resurfacing retain retention retest retesting reticle reticular
reticulonodular retina retinal retinopathy retired retraction retrieval retrieve retro retrocecal retrograde
retroillumination retromolar retroperitoneal retroperitoneum retropharyngeal retropyloric retrospective retrotracheal
return returned reused reversal reverse reversible review reviewer revised revolution rf rfc rfecho rgb rgba
rgbatransfer rgbluttransfer rgbvalue rh rhabdomyosarcoma rheinberg rhenium rhese rheumatic rheumatology rhodamine
rhodium rhomboideus rhythm rhythmic rib rich richardson right rightmost ring ringer risk risorius rituximab rk rle rms
rnc rnfl ro robert robertson robinson robotic robust rod roi roiarea roibase roibitmap roicontour roicreator roidate
roiderivation roidescription roidisplay roielemental roiextents roigeneration roiinterpreter roimean roiname roinumber
roiobservation roiphysical roisequence roistandard roivolume roivoxel role roledumab roles roll rolled romanowsky rombo
roof room root rosacea rose rosen rosenberg rosolic rotary rotation rotational rotations rotator round rounded route
routine routing row rows rp rpcl rpe rpeak rplgd rr rrinterval rrintervals rrvalue rs rt rtaccessory rtacquisition
rtanatomic rtbeam rtcontrol rtdelivery rtdevice rtdiagnosis rtdose rtimage rtinstance rtp rtpatient rtphysician rtplan
rtprescription rtprotocol rtpsampling rtradiation rtrecord rtreferenced rtrelated rtroiidentification rtroiinterpreted
rtroiobservations rtroirelationship rtsegment rtstructure rttolerance rttreatment rtv rtvcommunication rtvflow rtvmeta
rtvsource rubidium ruler rules rump run runge runs rupture ruptured ruthenium rv rvot rwave sa sabbagha sac saccade
saccular sacral sacrales sacralis sacro sacroiliac sacrum sad safe safety saffron safranin sagittal saliency saline
salivary salt salvage samarium same sample samples sampling sano saphenofemoral saphenopopliteal saphenous saphenus
sapiens sar sarcoma sarcosine sartorius satellites saturation saving sawtooth sax scale scalene scalenous scaling scalp
scan scandium scanned scanner scanning scans scaphoid scapula scapulae scapular scar scarlet scarred scatter scattered
scene scheduled scheduler scheimpflug scheme schiff schonberg schuller schwartz sclera sclerosing sclerosis sclerotic
scope score scoring scotopic scp scpstatus scraping screen screening screens screw scrofa scroll scrolling scrotum scrub
sd sddn sdhn sdvn se seam seat sebaceous sec second secondary seconds secreting secretory section sectional sectioning
sections sector secure security sedated sedation sedative seed seen segment segmental segmentation segmentectomy
segmented segments seizure selected selection selective selector selenium selenomethionione self sella semi
semimembranosus seminal semispinalis semitendinosus senarmont sending senning sensation sense sensing sensitivity sensor
sent sentinel sepa separation sepp sepsis septal septum sequence sequenced sequencing sequential sequestrant serial
series seroma serpentine serratus serum server service sesamoid sessile session sestamibi set sets settegast setting
settings settling setup setups seventh severe severely sevoflurane sewing sex sf sh shade shading shadow shadowing shaft
shaking shallow shape shaped shaping shared sharp sharply sharpness shaving shear sheath sheet shell shepard shield
shielding shift shifter shifters shin shininess shinozuka shock shoot short shortening shot should shoulder show shunt
shutter shvalue sid side sided sides sigma sigmodon sigmoid sign signal signature signatures signed signer signet
significance significant signs silent silhouette silicon silicone silver simple simplified simpson simulated simulation
simultaneous simultaneously since single singlesubjt singleton singular sino sinotubular sinus sinuses siphon sirius
sister sita site sites sitting situ sixth size sizes skeletal skew skewness skin skip skull sky sl slab slabs sleep slew
slice slices slide sliding slip slit slope slot slots slow slvalue small smallest smear smearing smile smoker smoking
smooth smoothing smpte snout snr snrthreshold sodium soft softcopy software solar sole soleal soleus solid solochrome
soluble solution son sonazoid sonographer sonographic sonologist sonovue sop sopauthorization sopclass sopclasses
sopinstance sopinstances sopsequence sort sorting sound soundpath source sources sp space spacing spasms spatial
spatially special specialist specialized specialty species specific specification specificity specified specimen speckle
spect spectacle spectral spectrally spectroscopy spectrum specular speech speed sphenoid sphere spherical sphericity
sphincter spiculated spiculation spiculations spike spikes spin spinae spinal spinales spinalis spindle spine spinous
spiperone spiral spirit spleen splenic splenium splenius splitting spm spoiling sponsor spontaneous spore spot spots
spreading spring squamous square squares sr sri srk srkii ss ssd ssde ssm ssvalue st stable stack stage stages staging
stain stainer staining stainless stalk stamp stand standalone standard standardisation standardized standby standing
stannous stansel staple start started starting stasis state statement states static statins station stationary
statistics status staunig steady steam steatohepatitis stecher steel steep steering stem stenoses stenosis stenotic
stent stented stenting stenvers step stepping steps stereo stereographic stereometric stereoscopic stereotactic
stereotactically sterile sternal sternoclavicular sternocleidomastoid sternocleidomastoideus sternum steroid sticker
stiffle stimulant stimulation stimuli stimulus stitching stl stock stoma stomach stone stooped stop stopped stopper
stopping storage stored stow stowrsstorage strain strategy streaks stream streamline strength streptokinase stress
stretched stretcher stria striatum string strip stripe stroke stroma stromal strong strongly strontium structural
structure structured structures stryker student studies study stump stvalue style sub subacute subaortic subarachnoid
subareolar subcapsular subcarinal subclavian subclavius subcortical subcostal subcutaneous subdiaphragmatic subiliac
subject subjective subjects sublimate submandibular submental submentovertical submission suboperations suboptimal
subpart subpleural subpyloric subscapular subscapulares subscapularis subscription subsegmental subsequent subsets
substance substantia substituted subsystem subsystems subtask subtraction subtype subvalvular subxiphoid succeeded
successful successor succimer succinate succinylcholine sudan sufentanil suggestive sulfate sulfon sulfonamide sulfur
sum summarized summary summation summer sunset superficial superficialis superior superiori superioris supernumerary
superolateral superomedial superseding supination supinator supine supplies supply support supported supporting
supportive suppression suppressions supra supraclavicular supraglottis supramammary supraorbitalis suprapulmonic
suprapyloric supraspinatus suprasternal supraventricular surae sure surealis surface surfaces surgeon surgery surgical
surgically surrounding surveillance survey sus susceptibility suspected suspend suspended suspension sussman sustained
suture suv suvbsa suvbw suvibw suvlbm suvtype sv svd svvalue swab swallowing swann swanson swap sweat sweating swelling
switch switching swivel symbology symmetric symmetry sympathetic symphysis symptom symptoms sync synchronization
synchronized syncope syndrome syndromes synkinesis syntax synthesizing synthetic synuclein syringe system systemic
systemroll systems systemyaw systole systolic table tables tabletop tabular tabulated tachycardia tad tag tagged tagging
tail take taken taking talairach talc talus tamoxifen tamponade tangential tantalum tap tape taper tapetum tapse
targestar target targeted targeting tarrant tarsal tarsus tartrazine task tasks taste tau taurus taussig taxonomic
taylor tbi tc tcd tdi tdr tdrinstance tdrtype teaching tears teboroxime tec tech technetium technical technique
techniques technologist technology teeth tei teichholz telangiectasia telecom telencephalon telephone teletherapy
temperature template temporal temporalis temporally temporary temporomandibular tend tendency tendineae tendon tensor
tenth terbium teres term terminal terminalis terminated termination terminology test testicle testicular testing testis
tests tetracycline tetralogy tetrofosmin tetroxide teufel text texture tg th thalamic thalamus thallium thallous than
thc the thecal theiler thenar therapeutic therapist therapy thermal thermistor thermocouple thermography
thermoluminescent theta thiamylal thickening thickness thigh thin thinning thioflavine thionine thiopental third this
thk thoracentesis thoracic thoracici thoracicus thoracis thoraco thorax threat three threshold thrombectomy thrombin
thrombolytic thrombophlebitis thromboplastin thrombosed thrombosis thrombus through throughput thumb thymidine thymus
thyrocervical thyroid tibia tibial tibialis tick ticks tid tidal tidoffset tile tiled tiletamine tilt time timecode
timeout timer timers times timestamp timezone timing tin tinged tip tiptype tissue tissues titan titanium title
titterington tl tlhc tlhcposition tm tmax tmline tmvalue to tobacco todaro toe toff tofts tokyo tolazoline tolerance
toluidine tomo tomographer tomographic tomography tomosynthesis tomotherapeutic tongue tonsil too tool tooth top topic
topical topographer topographic topographical topography toric torsades torsion tortuosity tortuous torus total touch
toward towne toxin tp tr trabeculae trabecular trace tracer trachea tracheal tracheobronchial tracheostomy tracheotomy
track tracking tract traction tractography tragus trailing train trajectories tramline trans transaction transcatheter
transcriber transcription transcutaneous transducer transesophageal transfer transferase transferred transferrin
transferring transforamenal transform transformation transformed transfusion transgenic transient transients
transillumination transit transition transitional transjugular translation translucency translucent transluminal transm
transmission transmit transmittance transmitter transoral transorbital transplant transponder transport transposition
transrectal transseptal transthoracic transtracheal transverse transversus trapezius trapping trastuzumab trauma
traumatic traversal traverse tray trc treadmill treat treated treatment tree tremor trend trendelenburg tretinoin trial
trials triangle triatriatum tribromoethanol tributary triceps trichrome tricuspid trifascicular trigeminal trigeminus
trigeminy trigger triggering triggers triglycine trigone trim triolein trioxide triphasic triple triplet trisodium
trochanter trochlear trochlearis trodat trofolastat tropaeolin tropical tropicamide trout tru true truncal truncated
truncus trunk trust trypan ts tsn ttd tu tuarine tubal tube tubercle tubes tubular tumor tune tungsten tunnel turcica
turntable twining twins two type types typical tyroartenoideus tyropanoate tz ua uas uberon ublituximab uc ucb ucvalue
udi udisequence ui uid uidin uidlist uidmatching uidof uids uidtrial uivalue ul ulcer ulcerated ulceration ulcerative
ulna ulnar ulnaris ultrasonic ultrasonography ultrasound ultraviolet ulvalue um umbilical umbilicus un unadministered
unassigned unavailability unavailable uncemented uncertain uncertainty uncinate unclassifiable unclassified uncle
uncompressed unconstrained uncorrected under underdose underflow underlined undetermined undifferentiated undiluted
unformatted unheated unified unifocal uniform uniformity unilateral unipolar unique unit units universal university
unknown unl unmounted unnecessary unobstructed unresponsive uns unscheduled unsharp unspecified unstable unstageable
unsuccessful unsynchronized until unusable unused unvalue unwanted up update updated upgaze upper upright ups upsloping
uptake upward ur ureter ureteral ureteric urethane urethra urethral urgency urgent uri uric urinary urine urireference
urisequence url urltype urn urncode urokinase urology urostomy urticaria urvalue us usable usage usb use used usefulness
user usimage using usual usvalue ut utc uterine uterus utricle utvalue uv uvalue uvmapping uvula uvvalue vacuum vagal
vagina vaginal vagus valdini valid validation valsalva value values valve valved valveless valvular van vancomycin
variability variable variance variant variation varicose vas vascular vascularity vasculature vasculitis
vasoconstriction vasoconstrictor vasodilatation vasodilation vasodilator vasovagal vastus vcfv ve vector vectors vedotin
veiling vein velocity vena venipuncture venous venter venticular ventilation ventilator ventral ventricle ventricular
ventriculogram ventriculography verapamil verbal verhoeff verification verified verifying vermilion versenate version
versions vertebra vertebral vertex vertical vertices verticosubmental vertrebrae very vesical vesicle vesicular vessel
vessels vestibularis vestibule vestibulocochlear vestibulocochlearis vestpd vf vi via viability vial victoria video view
viewing viewpoint views vii viii violation violet virginal virtual virus visibility visible visit visual visualized
vital vitamin vitelline vitrectomy vitreous vivo vl vmat vmax vo voi voice voiding voilutbox voilutfunction
voilutsequence voitype voltage volume volumes volumetric voluntary vomer vomiting voxel voxelized voxelwise vp vr
vradiation vti vulnerable vulva vulval vvalue wado wadoretrieval wadorsretrieval wait wake wall wandering warfarin warm
warmer warming warning wash washout waste watch water waters wave waveform wavefront wavelength waves wax waxoline
wayson weak weakly weal wedge wedges wedging week weekday weight weighted weighting weights welder well wenckebach west
wet white who whole wi wicket wide width wigby williams willis window windows wing winston winter wire with withdrawn
within without wo wolf women wood word workflow workitem workitems worklist workstation world worst wound wraparound
wright wrist wsi wt wynne xa xaacquisition xaplane xaxrfframe xbreak xcoordinate xcoordinates xdirection xds
xdsretrieval xdsstorage xenon xfocus xi xii xiphoid xmab xml xoffset xposition xr xray xrf xx xy xylazine xylene
xylidine xylose xyz xz yarkoni yaw yb ybr ybreak ycoordinate ycoordinates ydirection year yellow yes yfocus yoffset yolk
york yposition ytterbium yttrium yy yyy yz zanelli zcoordinate zeffective zenker zero zeta ziehl zinc zirconium zobel
zoffset zolazepam zonal zone zones zoom zpixel zplanes zposition zr zvalue zygoma zygomaticus zz zzz μv
"""
